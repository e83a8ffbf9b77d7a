"""Options written before the command, put where the command takes them: `binance-tui --read-only run --env live`."""

from collections.abc import Iterator, Sequence

import click


def behind_the_command(words: Sequence[str], group: click.Group) -> list[str]:
    """The words with what stands before the command put behind it; without a command as they are.

    An option takes the next word along where an option of this name takes one in any command.
    """
    takes_a_word = {
        name
        for command in _commands(group)
        for option in command.params
        if isinstance(option, click.Option) and not option.is_flag
        for name in option.opts
    }
    first = _first_after_options(words, 0, takes_a_word)
    if first == len(words):
        return list(words)
    # What comes next in a group within the group is one of its commands, maybe behind options as well.
    command, last = group.commands.get(words[first]), first + 1
    inner = _first_after_options(words, last, takes_a_word) if isinstance(command, click.Group) else len(words)
    if inner == len(words):
        return [words[first], *words[:first], *words[last:]]
    return [words[first], words[inner], *words[:first], *words[last:inner], *words[inner + 1 :]]


def _first_after_options(words: Sequence[str], start: int, takes_a_word: set[str]) -> int:
    at = start
    while at < len(words) and words[at].startswith("-"):
        at += 2 if words[at] in takes_a_word else 1
    return min(at, len(words))


def _commands(group: click.Group) -> Iterator[click.Command]:
    for command in group.commands.values():
        yield command
        if isinstance(command, click.Group):
            yield from _commands(command)
