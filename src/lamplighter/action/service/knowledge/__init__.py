"""What an agent answers with: articles in versions, each in force from a day on."""
