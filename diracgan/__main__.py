from diracgan.command.main import main

raise SystemExit(main())
