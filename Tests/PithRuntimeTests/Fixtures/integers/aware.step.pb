BstepJ
×#=