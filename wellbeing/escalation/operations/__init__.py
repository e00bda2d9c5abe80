"""What is done to escalations and pages: escalations, pages, answers to pages, sweeps."""
