# Sample projects: sources here, packed into .ispac by samples/pack.
