using System.Diagnostics.Tracing;

namespace RawWs.Tests.Transport;

/// <summary>Counts what is rented from the shared pool and what is given back, by what the pool itself says. An array that is given back twice shows up here.</summary>
/// <param name="onlyThisThread">Whether others than the thread that makes it are left out.</param>
internal sealed class ArrayPoolWatch(bool onlyThisThread) : EventListener
{
    private const string Pool = "System.Buffers.ArrayPoolEventSource";
    private const int Rented = 1, Returned = 3;

    private readonly int? _thread = onlyThisThread ? Environment.CurrentManagedThreadId : null;
    private readonly Dictionary<(int Id, int Size), int> _state = [];
    private readonly List<string> _faults = [];
    private EventSource? _source;

    /// <summary>How many arrays have been rented since it was made and not given back.</summary>
    public int OutstandingCount
    {
        get
        {
            lock (_state)
            {
                return _state.Values.Count(state => state == Rented);
            }
        }
    }

    /// <summary>Arrays that were given back twice, or rented while they were.</summary>
    public IReadOnlyList<string> Faults
    {
        get
        {
            lock (_state)
            {
                return [.. _faults];
            }
        }
    }

    /// <summary>Begins to watch.</summary>
    public ArrayPoolWatch Start()
    {
        foreach (var source in EventSource.GetSources().Where(source => source.Name == Pool))
            EnableEvents(_source = source, EventLevel.Verbose);

        return this;
    }

    public override void Dispose()
    {
        if (_source is not null)
            DisableEvents(_source);

        base.Dispose();
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventName is not ("BufferRented" or "BufferReturned") || (_thread is { } thread && thread != Environment.CurrentManagedThreadId))
            return;

        var id = ((int)eventData.Payload![0]!, (int)eventData.Payload[1]!);
        var state = eventData.EventName == "BufferRented" ? Rented : Returned;
        lock (_state)
        {
            // What was rented before the watch began may come back during it.
            if (_state.GetValueOrDefault(id) == state)
                _faults.Add($"an array of {id.Item2} bytes was {(state == Rented ? "rented" : "returned")} twice");

            _state[id] = state;
        }
    }
}
