"""The server process, or several of them behind one address: `supervisor` starts `worker`s, and each is `serving`."""
