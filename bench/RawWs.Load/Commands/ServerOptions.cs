using System.CommandLine;
using System.Net;

namespace RawWs.Load;

/// <summary>Which server is loaded: one that a command starts, or one that runs.</summary>
internal sealed class ServerOptions
{
    private readonly Option<IPEndPoint?> _url = new("--url")
    {
        Description = "A server that runs, ws://127.0.0.1:3000; with --pid. Without: rawws is started, on a free port.",
        HelpName = "URL",
        CustomParser = OptionValues.LoopbackServer,
    };

    private readonly Option<int?> _pid = new("--pid") { Description = "The process of --url, whose memory and descriptors are watched.", HelpName = "PID" };

    private readonly Option<string?> _transport = new("--transport")
    {
        Description = "What the connections of the rawws that is started come through: sockets (the default) or eventloop.",
        HelpName = "KIND",
    };

    public ServerOptions() => _transport.AcceptOnlyFromAmong("sockets", "eventloop");

    public void AddTo(Command command)
    {
        command.Add(_url);
        command.Add(_pid);
        command.Add(_transport);
        command.Validators.Add(result =>
        {
            if (result.GetResult(_url) is null != result.GetResult(_pid) is null)
                result.AddError("--url and --pid belong together: write --url ws://127.0.0.1:3000 --pid 1234, or neither to start a server.");
            else if (result.GetResult(_url) is not null && result.GetResult(_transport) is not null)
                result.AddError("--transport is for a server that is started here; leave it out, or --url and --pid.");
        });
    }

    /// <summary>The server that the command line asks for, running.</summary>
    /// <param name="result">The command line.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="core">The only one that a server runs on which is started; null for any.</param>
    public Task<TargetServer> GetAsync(ParseResult result, CancellationToken cancellationToken, int? core = null)
        => result.GetValue(_url) is { } endPoint && result.GetValue(_pid) is { } process
            ? Task.FromResult(TargetServer.Attach(endPoint, process))
            : TargetServer.StartAsync(ServerStart.Rawws(result.GetValue(_transport) ?? "sockets"), core, cancellationToken);
}
