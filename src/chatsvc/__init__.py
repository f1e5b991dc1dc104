"""chatsvc: a chat backend for offline-first messengers."""

__version__ = "0.1.0"
