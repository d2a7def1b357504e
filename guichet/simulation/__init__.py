"""Scripted victims and agents, over real HTTP and websockets, against a guichet that runs: `manage.py simulate`."""
