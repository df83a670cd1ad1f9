"""What does an agent look like that uses the supervisor as it is meant to be used?"""
