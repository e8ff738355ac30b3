"""What is learned from rated answers: records of runs, examples for prompts, cases that are asked again."""
