"""Mail: SMTP in, a submission server out."""
