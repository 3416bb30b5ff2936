"""The words of the desk, their states, errors and ports. Imports nothing of ours."""
