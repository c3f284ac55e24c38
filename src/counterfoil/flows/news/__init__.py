"""What the top bar tells a person: the work going on now, and what they are to know. One query, whatever there is."""
