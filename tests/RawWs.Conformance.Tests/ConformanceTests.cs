using RawWs.Transport;

namespace RawWs.Conformance.Tests;

/// <summary>
/// The whole suite, group by group, against the server in each of its modes of compression: over the default transport, and in the classes that derive from
/// these over that of the runtime's sockets.
/// </summary>
public abstract class ConformanceTests(CompressionMode compression, params string[] unimplemented) : IAsyncLifetime
{
    private EchoServer? _server;

    /// <summary>What takes its time by nature has a test of its own, with a server that is less patient.</summary>
    public static TheoryData<string> Groups => [.. Verdicts.Groups.Where(group => group != "slow")];

    public static TheoryData<string> GroupsWithoutDeflate
        => [.. Verdicts.Groups.Where(group => group != "slow" && !group.StartsWith("deflate", StringComparison.Ordinal))];

    /// <summary>What connections come through; null for the default.</summary>
    protected virtual ITransport? Transport => null;

    /// <summary>Whether a handler is called with each message; otherwise a session steps through them.</summary>
    protected virtual bool CallsHandlers => false;

    public async ValueTask InitializeAsync() => _server = await EchoServer.StartAsync(compression, options => options.Transport = Transport);

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _server!.DisposeAsync();
    }

    protected Task RunAsync(string group)
        => Verdicts.RequireAsync(
            new ConformanceOptions
            {
                Target = CallsHandlers ? _server!.EventsTarget : _server!.Target,
                Only = [group],
                MaxMessageSize = EchoServer.MaxMessageSize,

                // Only a failure waits for it, and a machine that is busy is none.
                Timeout = TimeSpan.FromSeconds(60),
            },
            [.. unimplemented.Where(pattern => pattern.StartsWith(group + "/", StringComparison.Ordinal))]);
}

/// <summary>No context takeover either way, so that cases that need one can't run; and zlib compresses to no window of 8 bits, so that such an offer is declined.</summary>
public class SharedConformanceTests() : ConformanceTests(
    CompressionMode.Shared,
    "deflate-agreement/*-s8-*",
    "deflate-wire/hello-takeover",
    "deflate-wire/mixed",
    "deflate-wire/distance-of-window-*",
    "deflate-wire/thousand-with-takeover",
    "deflate-wire/window-used-against-agreement")
{
    [Theory]
    [MemberData(nameof(Groups))]
    public Task Passes(string group) => RunAsync(group);
}

/// <summary>Everything that can be agreed on but a server's window of 8 bits, to which zlib does not compress.</summary>
public class DedicatedConformanceTests() : ConformanceTests(CompressionMode.Dedicated, "deflate-agreement/*-s8-*")
{
    [Theory]
    [MemberData(nameof(Groups))]
    public Task Passes(string group) => RunAsync(group);
}

/// <summary>The extension is not offered; all its cases would be unimplemented.</summary>
public class UncompressedConformanceTests() : ConformanceTests(CompressionMode.Off)
{
    [Theory]
    [MemberData(nameof(GroupsWithoutDeflate))]
    public Task Passes(string group) => RunAsync(group);
}
