"""From a reply to what it says: unwrapped, judged for its kind, without what it quotes, denies or thinks aloud."""
