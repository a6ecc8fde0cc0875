"""What a person sees and does in a browser, and what a program does over HTTP."""
