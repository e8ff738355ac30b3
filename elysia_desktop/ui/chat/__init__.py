"""The conversation: prompts, steps, results, answers, and where the next question is typed."""
