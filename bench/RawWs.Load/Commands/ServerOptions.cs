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

    public void AddTo(Command command)
    {
        command.Add(_url);
        command.Add(_pid);
        command.Validators.Add(result =>
        {
            if (result.GetResult(_url) is null != result.GetResult(_pid) is null)
                result.AddError("--url and --pid belong together: write --url ws://127.0.0.1:3000 --pid 1234, or neither to start a server.");
        });
    }

    /// <summary>The server that the command line asks for, running.</summary>
    public Task<TargetServer> GetAsync(ParseResult result, CancellationToken cancellationToken)
        => result.GetValue(_url) is { } endPoint && result.GetValue(_pid) is { } process
            ? Task.FromResult(TargetServer.Attach(endPoint, process))
            : TargetServer.StartAsync(cancellationToken);
}
