"""What customers ask for: texts to types, similar texts, topics that rise beyond chance."""
