"""What is kept on disk: files that appear whole, and files that outlast a crash."""
