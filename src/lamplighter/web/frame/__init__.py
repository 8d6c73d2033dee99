"""The frame that every page stands in: styles, behaviour, charts, navigation, formats."""
