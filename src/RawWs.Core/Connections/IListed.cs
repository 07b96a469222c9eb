namespace RawWs.Connections;

/// <summary>What knows its place in a <see cref="Roster{T}"/>, of which it can be in one.</summary>
internal interface IListed
{
    /// <summary>Its place, which is the roster's to set; -1 if it is in none.</summary>
    int Place { get; set; }
}
