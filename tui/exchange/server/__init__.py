"""Binance's protocol over loopback sockets: REST, market streams, WebSocket API and user data."""
