"""Mail: SMTP and LMTP in, a submission server out."""
