using System.Globalization;
using RawWs.Redis.Tests.Servers;

namespace RawWs.Redis.Tests.Client;

/// <summary>A server that has one stream, <c>s</c>, of entries with one field of a size.</summary>
internal sealed class ScriptedStream : IAsyncDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    private readonly SemaphoreSlim _changed = new(0);
    private string[] _ids = [];
    private int _size;
    private string? _refusal;
    private bool _isRefusedOnce;

    public ScriptedStream() => Server = new ScriptedServer(command => ScriptedServer.Login(command) ?? Answer(command.Split(' ')));

    public ScriptedServer Server { get; }

    /// <summary>The stream is another one. Whoever waits for an entry is answered.</summary>
    /// <param name="size">Bytes of each entry.</param>
    /// <param name="ids">The ids of the entries.</param>
    public void Set(int size, params string[] ids)
    {
        Volatile.Write(ref _size, size);
        Volatile.Write(ref _ids, ids);
        _changed.Release();
    }

    /// <summary>It is not read any more, but answered with an error. Whoever waits for an entry is told so.</summary>
    /// <param name="refusal">The error; null: it is read again.</param>
    /// <param name="once">Whether that is one answer only.</param>
    public void Refuse(string? refusal, bool once = false)
    {
        Volatile.Write(ref _isRefusedOnce, once);
        Volatile.Write(ref _refusal, refusal);
        _changed.Release();
    }

    public async ValueTask DisposeAsync()
    {
        _changed.Release();
        await Server.DisposeAsync();
    }

    // A semaphore that nobody asks for its handle holds nothing.
    private string Answer(string[] words)
    {
        switch (words)
        {
            case ["XREAD", "COUNT", var count, "BLOCK", _, "STREAMS", _, var after]:
                if (Behind(after).Length == 0 && Volatile.Read(ref _refusal) is null)
                    Assert.True(_changed.Wait(LongestWait));

                return Refusal() ?? OfStream(Behind(after), count);
            case ["XREAD", "COUNT", var count, "STREAMS", _, var after]:
                return Refusal() ?? OfStream(Behind(after), count);
            case ["XREVRANGE", _, var end, "-", "COUNT", var count]:
                return Entries(_ids.Reverse().Where(id => end == "+" || RedisStreamEntry.CompareIds(id, end[1..]) < 0), count);
            case ["XRANGE", _, var first, var last] when first == last:
                return Entries(_ids.Where(id => id == first), "1");
            default:
                return "-ERR unknown command\r\n";
        }
    }

    private string? Refusal()
    {
        var refusal = Volatile.Read(ref _isRefusedOnce) ? Interlocked.Exchange(ref _refusal, null) : Volatile.Read(ref _refusal);
        return refusal is null ? null : $"-{refusal}\r\n";
    }

    private string[] Behind(string place) => [.. Volatile.Read(ref _ids).Where(id => RedisStreamEntry.CompareIds(id, place) > 0)];

    private string OfStream(string[] ids, string count) => ids.Length == 0 ? "*0\r\n" : $"*1\r\n*2\r\n$1\r\ns\r\n{Entries(ids, count)}";

    private string Entries(IEnumerable<string> ids, string count)
    {
        string[] taken = [.. ids.Take(int.Parse(count, CultureInfo.InvariantCulture))];
        var value = new string('v', Volatile.Read(ref _size));
        return $"*{taken.Length}\r\n{string.Concat(taken.Select(id => $"*2\r\n${id.Length}\r\n{id}\r\n*2\r\n$1\r\nf\r\n${value.Length}\r\n{value}\r\n"))}";
    }
}
