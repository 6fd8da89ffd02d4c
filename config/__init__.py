"""What an office sets: settings, policy, plans, calendars, templates."""
