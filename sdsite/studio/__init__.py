"""The pages for people: the studio, their pictures, their account. All that they do goes through the API."""
