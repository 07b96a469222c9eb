using System.Diagnostics;
using System.Text;

namespace RawWs.Conformance;

/// <summary>What a case sent and received, cut to what a reader can use.</summary>
internal sealed class WireLog
{
    private const int MaxEntries = 60, MaxHexBytes = 48, MaxTextLength = 2000;

    private readonly Lock _lock = new();
    private readonly List<WireEntry> _entries = [];
    private readonly long _started = Stopwatch.GetTimestamp();
    private int _omitted;

    public IReadOnlyList<WireEntry> Entries
    {
        get
        {
            lock (_lock)
                return _omitted == 0 ? [.. _entries] : [.. _entries, new WireEntry(0, 0, "·", $"{_omitted} more not shown", "")];
        }
    }

    public void Add(int connection, string direction, string summary, string bytes = "")
    {
        var milliseconds = Math.Round(Stopwatch.GetElapsedTime(_started).TotalMilliseconds, 2);
        lock (_lock)
        {
            // What happened to TCP is always worth a line: it is what the last verdict rests on.
            if (_entries.Count < MaxEntries || direction == "·")
                _entries.Add(new WireEntry(milliseconds, connection, direction, summary, bytes));
            else
                _omitted++;
        }
    }

    public static string Hex(ReadOnlySpan<byte> bytes)
    {
        var shown = Convert.ToHexStringLower(bytes[..Math.Min(bytes.Length, MaxHexBytes)]);
        return bytes.Length > MaxHexBytes ? $"{shown}… ({bytes.Length} bytes)" : shown;
    }

    public static string Text(ReadOnlySpan<byte> bytes)
    {
        var text = Encoding.Latin1.GetString(bytes[..Math.Min(bytes.Length, MaxTextLength)]);
        return bytes.Length > MaxTextLength ? $"{text}… ({bytes.Length} bytes)" : text;
    }
}
