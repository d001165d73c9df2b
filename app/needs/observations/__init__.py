"""What customers were seen to do: looked at something, asked, complained; told by programs or by hand."""
