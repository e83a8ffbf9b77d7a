"""Show the screen over the frozen desk: `python tests/ui/look.py [THEME]`, or a picture with `--svg FILE WxH`."""

import asyncio
import sys

from fake_desk import FakeDesk

from tui.config import Screen, Settings
from tui.ui.app import TradingApp


def main() -> None:
    """Run the app, or write what it shows."""
    args = sys.argv[1:]
    theme = args[0] if args and not args[0].startswith("-") else "dark"
    desk = FakeDesk()
    app = TradingApp(desk, Settings(screen=Screen(theme=theme)), desk.clock)
    if "--svg" not in args:
        app.run()
        return
    target, size = args[args.index("--svg") + 1 :][:2]
    width, height = (int(part) for part in size.split("x"))

    async def picture() -> None:
        async with app.run_test(size=(width, height)) as pilot:
            await pilot.press(*args[args.index(size) + 1 :])
            await pilot.pause(0.3)
            app.save_screenshot(target)

    asyncio.run(picture())


if __name__ == "__main__":
    main()
