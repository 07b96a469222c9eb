using System.CommandLine;

namespace RawWs.Host;

/// <summary>The command that prints what makes a shell complete the words of <c>rawws</c>. The scripts ask the program itself, so that they never grow old.</summary>
internal static class CompletionCommand
{
    // The directive is System.CommandLine's: [suggest:N] TEXT prints what may stand at the N-th character of the text, a line each.
    // A '=' between an option and its value becomes a space, which says the same in as many characters; the library knows only that. Its short forms are left out.
    private const string Bash = """
        # rawws completion bash > /etc/bash_completion.d/rawws
        _rawws() {
          local word="${COMP_WORDS[COMP_CWORD]}" line
          [[ "$word" == "=" ]] && word=""
          COMPREPLY=()
          while IFS= read -r line; do
            [[ -n "$line" && "$line" == "$word"* && "$line" != /* && "$line" != -? ]] && COMPREPLY+=("$line")
          done < <(rawws "[suggest:$COMP_POINT]" "${COMP_LINE//=/ }" 2>/dev/null)
        }
        complete -o default -F _rawws rawws
        """;

    private const string Zsh = """
        #compdef rawws
        # rawws completion zsh > "${fpath[1]}/_rawws"
        local -a found
        found=(${(f)"$(rawws "[suggest:$CURSOR]" "${BUFFER//=/ }" 2>/dev/null)"})
        found=(${${found:#/*}:#-?})
        compset -P '*='
        (( $#found )) && compadd -a found || _files
        """;

    // A value behind '=' is to be told with its option: fish completes whole words.
    private const string Fish = """
        # rawws completion fish > ~/.config/fish/completions/rawws.fish
        function __rawws_complete
            set -l word (commandline -ct)
            set -l line (commandline -c | string collect)
            set -l option (string match -r '^.*=' -- $word; or echo)
            set -l found (rawws "[suggest:"(string length -- $line)"]" (string replace -a = ' ' -- $line) 2>/dev/null | string match -rv '^(|/.*|-.)$')
            if set -q found[1]
                string replace -r -- '^' "$option" $found
            else
                __fish_complete_path $word
            end
        end
        complete -c rawws -f -a '(__rawws_complete)'
        """;

    private static readonly Dictionary<string, string> Scripts = new() { ["bash"] = Bash, ["zsh"] = Zsh, ["fish"] = Fish };

    public static Command Create()
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh or fish." };
        shell.CompletionSources.Add([.. Scripts.Keys]);
        shell.Validators.Add(static result =>
        {
            if (result.Tokens is [var token] && !Scripts.ContainsKey(token.Value))
                result.AddError($"completion takes bash, zsh or fish; '{token.Value}' is none of these.");
        });
        var command = new Command("completion", "Prints a script that makes a shell complete options and their values.") { shell };
        command.SetAction(async (result, _) =>
        {
            // As a shell reads it, whatever this system ends its lines with.
            await Console.Out.WriteAsync(Scripts[result.GetRequiredValue(shell)].ReplaceLineEndings("\n") + "\n");
            return ExitCode.Success;
        });
        return command;
    }
}
