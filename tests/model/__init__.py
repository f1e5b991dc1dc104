"""The contract in plain Python: what a server that keeps it may answer, and what is true afterwards.

It absorbs what the server chooses (ids, tokens) and predicts everything else. It knows nothing of the service's code.
"""
