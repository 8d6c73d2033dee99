"""What a customer sees and says of their own order by a signed link, without an account."""
