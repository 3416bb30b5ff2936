"""Text messages by Twilio Programmable Messaging."""
