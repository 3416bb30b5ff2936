"""The one HTTP client by which deskd speaks to others: whom it may reach, how a call goes, what its end means."""
