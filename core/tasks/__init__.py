"""What is asked: task files and suites."""
