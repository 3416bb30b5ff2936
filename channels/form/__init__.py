"""The web form and its JSON twin: secrets are destroyed before anything is kept."""
