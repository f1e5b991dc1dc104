"""The signals that stop the service."""

import signal

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
