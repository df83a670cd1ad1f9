"""May the agent trade, why not, and what would change that?"""
