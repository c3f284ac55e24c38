"""Why a line costs what it costs, and what charges bill next: panels beside the pages that show them."""
