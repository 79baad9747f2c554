"""镇雄's season: 116 cohorts and 6,600 people as published, with trainers, venues and patterns of ours."""
