"""What every channel by Twilio shares: who signs, what a form says, how its API is called."""
