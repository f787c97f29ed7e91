"""What the writers of a load were told, compared with what the database kept."""
