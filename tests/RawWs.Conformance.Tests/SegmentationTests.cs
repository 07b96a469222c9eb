using RawWs.Transport;

namespace RawWs.Conformance.Tests;

/// <summary>The cheaper groups again, cut into single bytes by either side: what is read at once, and what is written at once.</summary>
public class SegmentationTests
{
    public static TheoryData<string> CheapGroups =>
        ["handshake", "http", "framing", "ping", "reserved", "fragmentation", "masking", "length", "utf8", "closing", "deflate-offer", "deflate-wire"];

    public static TheoryData<string> ChoppedGroups => ["handshake", "framing", "ping", "fragmentation", "closing", "deflate-wire"];

    /// <summary>What connections come through; null for the default.</summary>
    protected virtual ITransport? Transport => null;

    /// <inheritdoc cref="ConformanceTests.CallsHandlers"/>
    protected virtual bool CallsHandlers => false;

    [Theory]
    [MemberData(nameof(CheapGroups))]
    public async Task Passes_where_the_server_reads_byte_by_byte(string group)
    {
        await using var server = await EchoServer.StartAsync(CompressionMode.Dedicated, options => (options.Transport, options.MaxReceiveSize) = (Transport, 1));
        await Verdicts.RequireAsync(OptionsFor(server, group), []);
    }

    [Theory]
    [MemberData(nameof(ChoppedGroups))]
    public async Task Passes_where_the_client_writes_byte_by_byte(string group)
    {
        await using var server = await EchoServer.StartAsync(CompressionMode.Dedicated, options => options.Transport = Transport);
        await Verdicts.RequireAsync(OptionsFor(server, group) with { Chop = ChopMode.OneByte, Parallelism = 32 }, []);
    }

    private ConformanceOptions OptionsFor(EchoServer server, string group)
        => new()
        {
            Target = CallsHandlers ? server.EventsTarget : server.Target,
            Only = [group],
            MaxMessageSize = EchoServer.MaxMessageSize,

            // A million reads or writes for one message; the smaller ones of the same kind are run.
            Exclude = ["closing/after-message-1048576"],

            // Only a failure waits for it, and a machine that is busy is none.
            Timeout = TimeSpan.FromSeconds(60),
        };
}
