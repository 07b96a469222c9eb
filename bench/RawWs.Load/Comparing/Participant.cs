namespace RawWs.Load;

/// <summary>Whoever is measured in turn with others: its processes start when they are needed first, and end when this is disposed.</summary>
/// <param name="name">What it is called in the table.</param>
internal abstract class Participant(string name) : IAsyncDisposable
{
    public string Name => name;

    /// <summary>Whether there is a server for this load.</summary>
    public abstract bool Has(Cell cell);

    /// <summary>Runs a cell on the server that is for it.</summary>
    /// <exception cref="InvalidOperationException">A server does not start.</exception>
    public abstract Task<LoadResult> RunAsync(Cell cell, LoadTiming timing, CancellationToken cancellationToken);

    public abstract ValueTask DisposeAsync();
}
