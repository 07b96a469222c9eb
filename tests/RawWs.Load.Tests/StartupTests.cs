using System.Security.Authentication;

namespace RawWs.Load.Tests;

/// <summary>What is told of servers that do not start, and of what else goes wrong.</summary>
public sealed class StartupTests
{
    public StartupTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), "Servers are started by a shell.");

    [Fact]
    public async Task A_server_that_ends_instead_of_answering_is_named_with_its_exit_code()
    {
        var run = new StartupRun([("mine", ServerStart.OfShell("sh -c 'exit 3' {PORT}"))], "/echo");

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => run.RunAsync(1, TestContext.Current.CancellationToken));

        Assert.StartsWith("'mine' ended with 3 instead of answering; try it by itself, with ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_never_answers_is_named_with_where_it_was_asked()
    {
        var run = new StartupRun([("mine", ServerStart.OfShell("sleep 1000"))], "/echo", TimeSpan.FromMilliseconds(300));

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => run.RunAsync(1, TestContext.Current.CancellationToken));

        Assert.Matches("^'mine' has not opened a WebSocket at ws://127.0.0.1:[0-9]+/echo for 0.3 s; does it listen there, and serve that path[?] The last failure was: ", error.Message);
    }

    [Fact]
    public void A_server_that_is_not_told_where_to_listen_is_a_mistake()
        => Assert.Equal(
            "--server has no {PORT} in 'mine --port 3000': the server would not know where to listen.",
            Assert.Single(StartupCommand.Create().Parse(["--server", "yours {PORT}", "--server", "mine --port 3000"]).Errors).Message);

    [Fact]
    public void A_file_that_can_not_be_written_and_a_server_without_TLS_are_told_and_no_faults()
    {
        Assert.Equal("Access is denied.", Complaint.Of(new UnauthorizedAccessException("Access is denied.")));
        Assert.Equal("The server does not speak TLS as wss:// needs it: no.", Complaint.Of(new AuthenticationException("no.")));
        Assert.Null(Complaint.Of(new NotSupportedException()));
    }
}
