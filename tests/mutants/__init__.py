"""The engine broken on purpose in many places, to learn whether its tests would notice."""
