"""Receipt → ticket: look (pure), load and decide (values), write (one transaction)."""
