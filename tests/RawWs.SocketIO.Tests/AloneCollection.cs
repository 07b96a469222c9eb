namespace RawWs.SocketIO.Tests;

/// <summary>Tests that measure what the whole process does: nothing else runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "alone";
}
